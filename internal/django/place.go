package django

import (
	"path"
	"strings"
)

// placeOf says of a folder whether what is below it is for tests, or an example,
// and no part of what is deployed.
func placeOf(folder string) Stage {
	for part := range strings.SplitSeq(folder, "/") {
		if s := placeOfPart(part); s != "" {
			return s
		}
	}
	return ""
}

// placeOfPart is placeOf for one folder. A name of several words counts by the
// first: "example_project" is one, "styleguide_example" is what a project is
// called.
func placeOfPart(part string) Stage {
	if strings.Contains(part, "{{") || part == "project_template" || part == "project_templates" {
		return StageExample
	}
	tokens := tokensOf(part)
	if len(tokens) == 0 {
		return ""
	}
	switch tokens[0] {
	case "tests", "test", "testing", "unittests", "testproject", "testapp", "testsite", "testsettings", "benchmarks", "e2e", "fixtures":
		return StageTest
	case "docs", "doc", "example", "examples", "sample", "samples", "demo", "demos", "sandbox", "quickstart", "tutorial", "tutorials",
		"cookiecutter", "skeleton", "boilerplate", "scaffold", "scaffolding":
		return StageExample
	}
	return ""
}

// place says of a module below root whether it is in a folder for tests or for
// examples. A project may itself be called "demo": a package beside its manage.py
// is no example where it is the only one and the folder is no distribution.
func (p *Project) place(root, file string) Stage {
	folder := path.Dir(file)
	s := placeOf(folder)
	if s != StageExample || placeOf(root) != "" || !p.modules.files[path.Join(root, "manage.py")] {
		return s
	}
	for _, name := range []string{"setup.py", "setup.cfg", "pyproject.toml"} {
		if p.manifests[path.Join(root, name)] {
			return s
		}
	}
	return ""
}
