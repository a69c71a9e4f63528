package django

import (
	"path"
	"strings"
)

// tokensOf splits a name into its words, in lower case: "docker-compose.CI.yml"
// gives docker, compose, ci and yml.
func tokensOf(name string) []string {
	return strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
}

// stageOfToken says what a word in the name of a file, a folder or a group of
// dependencies tells of where it is used.
func stageOfToken(token string) Stage {
	switch strings.TrimRight(token, "0123456789") {
	case "prod", "production", "live", "staging", "stage", "deploy", "deployment", "deployed", "preprod",
		"preproduction", "uat", "aws", "heroku", "azure", "gcp", "gae", "appengine", "ecs", "eks", "lambda", "elasticbeanstalk", "beanstalk",
		"kubernetes", "railway", "cloud", "cloudrun", "platformsh", "pythonanywhere", "dokku", "release":
		return StageProduction
	case "dev", "devel", "develop", "development", "developer", "local", "localhost", "locals", "debug", "devstack", "vagrant",
		"devcontainer", "codespace", "codespaces", "gitpod", "override", "overrides", "toolbar", "workspace", "worktree":
		return StageDevelopment
	case "test", "tests", "testing", "tester", "ci", "cicd", "citest", "pytest", "tox", "nox", "unittest", "unittests", "unit", "integration", "travis",
		"circleci", "jenkins", "cypress", "playwright", "selenium", "behave", "bdd", "functional", "mypy", "lint", "typing",
		"coverage", "benchmark", "testproject", "testapp", "testsite":
		return StageTest
	case "example", "examples", "sample", "samples", "template", "dist", "skeleton", "tpl", "tmpl", "cookiecutter":
		return StageExample
	}
	switch token {
	case "k8s", "ec2":
		return StageProduction
	case "e2e":
		return StageTest
	}
	return ""
}

// stageOfTokens is what the words of a name say together: a copy to be filled in
// is one whatever for, "docker-dev" is development, and a stack for tests that
// resembles production is for tests.
func stageOfTokens(tokens []string) Stage {
	var seen [4]bool
	order := []Stage{StageExample, StageTest, StageDevelopment, StageProduction}
	for _, t := range tokens {
		for i, s := range order {
			if stageOfToken(t) == s {
				seen[i] = true
			}
		}
	}
	for i, s := range order {
		if seen[i] {
			return s
		}
	}
	return ""
}

// stageOfPath is what the path of a file of evidence says: its own name first,
// then its folders, the nearest first.
func stageOfPath(name string) Stage {
	for ; name != "." && name != "/"; name = path.Dir(name) {
		if s := stageOfTokens(tokensOf(path.Base(name))); s != "" {
			return s
		}
	}
	return ""
}
