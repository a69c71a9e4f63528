package django

import (
	"path"
	"slices"
	"strings"
)

// The kinds of files that tell how a project runs.
const (
	kindDockerfile   FileKind = "dockerfile"
	kindCompose      FileKind = "compose"
	kindProcfile     FileKind = "procfile"
	kindManifest     FileKind = "manifest" // Kubernetes, Helm, ECS, Ansible, CloudFormation
	kindService      FileKind = "service"  // systemd, supervisor, uWSGI, circus
	kindShell        FileKind = "shell"
	kindVariables    FileKind = "variables" // .env
	kindWorkflow     FileKind = "workflow"  // continuous integration
	kindMake         FileKind = "make"
	kindPlatform     FileKind = "platform" // app.json, app.yaml, fly.toml, render.yaml, serverless, zappa
	kindTerraform    FileKind = "terraform"
	kindProxy        FileKind = "proxy" // nginx, Apache, Caddy, Traefik, HAProxy
	kindPackage      FileKind = "package"
	kindTest         FileKind = "test" // tox.ini, pytest.ini
	kindSetup        FileKind = "setup"
	kindProject      FileKind = "project" // pyproject.toml
	kindRequirements FileKind = "requirements"
	kindPipfile      FileKind = "pipfile"
	kindLock         FileKind = "lock"
)

// kindOf returns the kind of a file by its path, or an empty string.
func kindOf(name string) FileKind {
	base := strings.ToLower(path.Base(name))
	extension := path.Ext(base)
	stem := strings.TrimSuffix(base, extension)
	folders := tokensOf(path.Dir(name))
	switch base {
	case "pyproject.toml":
		return kindProject
	case "setup.cfg":
		return kindSetup
	case "tox.ini", "pytest.ini", ".pytest.ini", "pytest.toml":
		return kindTest
	case "pipfile":
		return kindPipfile
	case "pipfile.lock", "poetry.lock", "uv.lock", "pdm.lock":
		return kindLock
	case "package.json":
		return kindPackage
	case "makefile", "gnumakefile", "justfile", "taskfile.yml", "taskfile.yaml":
		return kindMake
	case "caddyfile", "haproxy.cfg":
		return kindProxy
	case "app.json", "app.yaml", "app.yml", "app-engine.yaml", "fly.toml", "render.yaml", "render.yml", "railway.json", "railway.toml",
		"nixpacks.toml", "serverless.yml", "serverless.yaml", "zappa_settings.json", "zappa_settings.yml", "zappa_settings.yaml", "zappa_settings.toml",
		"vercel.json", "heroku.yml", "captain-definition", ".platform.app.yaml", "dokku.json", "copilot.yml", "apprunner.yaml", "cloudbuild.yaml", "cloudbuild.yml":
		return kindPlatform
	case ".gitlab-ci.yml", ".travis.yml", "azure-pipelines.yml", "bitbucket-pipelines.yml", "jenkinsfile", "appveyor.yml", ".drone.yml", "buildspec.yml", "cirrus.yml":
		return kindWorkflow
	case "devcontainer.json":
		return kindVariables
	}
	switch {
	case strings.HasPrefix(base, "procfile"):
		return kindProcfile
	case strings.HasPrefix(base, "dockerfile"), strings.HasPrefix(base, "containerfile"), extension == ".dockerfile", extension == ".containerfile":
		return kindDockerfile
	case base == ".env", strings.HasPrefix(base, ".env."), strings.HasPrefix(base, ".env-"), strings.HasPrefix(base, ".env_"), extension == ".env", base == ".envrc", within(name, ".envs"):
		return kindVariables
	case strings.HasPrefix(base, "requirements") && (extension == ".txt" || extension == ".in" || extension == ".pip"),
		(extension == ".txt" || extension == ".in") && slices.Contains(folders, "requirements"),
		(extension == ".txt" || extension == ".in") && slices.Contains(tokensOf(base), "requirements"):
		return kindRequirements
	case strings.Contains("/"+name, "/.github/workflows/"), strings.Contains("/"+name, "/.circleci/"), strings.Contains("/"+name, "/.github/actions/"):
		if extension == ".yml" || extension == ".yaml" {
			return kindWorkflow
		}
		return ""
	}
	return kindOfExtension(name, stem, extension, folders)
}

// kindOfExtension is kindOf for names that say less than their extension.
func kindOfExtension(name, stem, extension string, folders []string) FileKind {
	words := tokensOf(stem)
	switch extension {
	case ".yml", ".yaml":
		switch {
		case slices.Contains(words, "compose"):
			return kindCompose
		case slices.Contains(words, "traefik"):
			return kindProxy
		case isOperations(words), isOperations(folders):
			return kindManifest
		}
	case ".json":
		if slices.Contains(words, "task") || slices.Contains(words, "taskdef") || slices.Contains(folders, "ecs") {
			return kindManifest
		}
	case ".tf", ".hcl":
		return kindTerraform
	case ".service", ".socket":
		return kindService
	case ".sh", ".bash":
		return kindShell
	case ".mk":
		return kindMake
	case ".config":
		if within(name, ".ebextensions") || within(name, ".platform") {
			return kindManifest
		}
	case ".ini", ".cfg", ".conf", ".toml", ".template", ".tmpl", ".j2", ".jinja", ".jinja2", ".vhost", ".txt":
		switch {
		case hasAny(words, "uwsgi", "supervisor", "supervisord", "circus", "gunicorn", "celery", "celeryd"), hasAny(folders, "supervisor", "supervisord") && extension != ".txt":
			return kindService
		case extension != ".txt" && (hasAny(words, "nginx", "apache", "httpd", "traefik", "caddy", "vhost") || hasAny(folders, "nginx", "apache", "apache2", "traefik")):
			return kindProxy
		case hasAny(words, "pgbouncer"):
			return kindService
		case extension == ".conf" && isOperations(folders):
			return kindProxy
		}
	case "":
		switch {
		case hasAny(words, "entrypoint", "start") && isOperations(folders), within(name, "bin") && hasAny(words, "entrypoint", "start", "release", "run"):
			return kindShell
		case strings.HasPrefix(stem, "docker-entrypoint"), stem == "entrypoint", stem == "run", stem == "start":
			return kindShell
		case hasAny(folders, "nginx") && !strings.HasPrefix(stem, "."):
			return kindProxy
		}
	}
	return ""
}

// isOperations reports whether words in a path are those of folders and files
// that describe how something is run.
func isOperations(words []string) bool {
	return hasAny(words, "k8s", "kubernetes", "helm", "chart", "charts", "deploy", "deployment", "deployments", "manifests", "kustomize", "infra",
		"infrastructure", "ops", "devops", "argocd", "ecs", "ansible", "playbook", "playbooks", "cloudformation", "cfn", "openshift", "compose",
		"docker", "container", "containers", "ingress", "configmap", "task", "ebextensions", "copilot", "okteto", "skaffold", "tilt")
}

func hasAny(words []string, wanted ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(wanted, w) })
}

// within reports whether a path is in a folder of that name.
func within(name, folder string) bool {
	return strings.Contains("/"+path.Dir(name)+"/", "/"+folder+"/")
}

// stageOf says where a file of evidence is used.
func stageOf(kind FileKind, name string) Stage {
	switch kind {
	case kindTest:
		return StageTest
	case kindWorkflow:
		if hasAny(tokensOf(path.Base(name)), "deploy", "deployment", "production", "prod", "staging", "release") {
			return StageProduction
		}
		return StageTest
	case kindMake, kindPackage:
		return StageDevelopment
	}
	if within(name, ".devcontainer") {
		return StageDevelopment
	}
	base := tokensOf(path.Base(name))
	if kind == kindDockerfile && slices.Contains(base, "ci") {
		return StageTest
	}
	s := stageOfPath(name)
	switch kind {
	case kindManifest, kindPlatform, kindTerraform, kindProxy, kindService:
		// What they call a template is filled in when it is deployed.
		if s == StageExample && !hasAny(tokensOf(name), "example", "examples", "sample", "samples") {
			s = StageProduction
		}
	}
	if s != "" {
		return s
	}
	switch kind {
	case kindDockerfile, kindProcfile, kindManifest, kindService, kindPlatform, kindTerraform, kindProxy:
		return StageProduction
	case kindVariables:
		return StageDevelopment
	}
	return ""
}
