package gitrepo

import (
	"fmt"
	"os"
)

// bigFileBytes is the size from which git compares files only as "binary". It
// bounds the memory of one comparison; such a file is reported as too large.
const bigFileBytes = 5 << 20

// setting is one configuration value, given to git by environment: it outranks
// every configuration file, and arguments stay free of it.
type setting struct{ key, value string }

// commonSettings switch off what git would run, read or fetch on its own.
func commonSettings() []setting {
	return []setting{
		{"core.hooksPath", os.DevNull},
		{"core.attributesFile", os.DevNull},
		{"core.excludesFile", os.DevNull},
		{"core.fsmonitor", "false"},
		{"core.askPass", ""},
		{"core.pager", "cat"},
		{"core.alternateRefsCommand", ""},
		{"credential.helper", ""},
		{"gc.auto", "0"},
		{"maintenance.auto", "false"},
		{"submodule.recurse", "false"},
		{"fetch.recurseSubmodules", "false"},
		{"http.followRedirects", "false"},
		{"protocol.allow", "never"},
		{"advice.graftFileDeprecated", "false"},
	}
}

// objectSettings are for commands that read objects in a git directory of our
// own making. Attributes would come from the tree of HEAD there (git 2.43 to
// 2.45 do so by default in bare repositories); the empty tree has none.
func objectSettings(emptyTree string) []setting {
	return append(commonSettings(),
		setting{"core.bare", "true"},
		setting{"core.quotePath", "true"},
		setting{"core.bigFileThreshold", fmt.Sprint(bigFileBytes)},
		setting{"attr.tree", emptyTree},
	)
}

// environment is the whole environment of a git process: nothing of ours is
// inherited but PATH. protocol is the one transport git may use; empty allows
// none, whatever a configuration file says
// (https://git-scm.com/docs/git#Documentation/git.txt-codeGITALLOWPROTOCOLcode).
func environment(home, gitDir, protocol string, settings []setting) []string {
	env := []string{
		"PATH=" + os.Getenv("PATH"),
		"HOME=" + home,
		"LC_ALL=C",
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_CONFIG_GLOBAL=" + os.DevNull,
		"GIT_ATTR_NOSYSTEM=1",
		"GIT_TERMINAL_PROMPT=0",
		"GIT_NO_REPLACE_OBJECTS=1",
		"GIT_NO_LAZY_FETCH=1",
		"GIT_GRAFT_FILE=" + os.DevNull,
		"GIT_OPTIONAL_LOCKS=0",
		"GIT_PROTOCOL_FROM_USER=0",
		"GIT_ALLOW_PROTOCOL=" + protocol,
	}
	if gitDir != "" {
		env = append(env, "GIT_DIR="+gitDir)
	}
	env = append(env, fmt.Sprintf("GIT_CONFIG_COUNT=%d", len(settings)))
	for i, s := range settings {
		env = append(env, fmt.Sprintf("GIT_CONFIG_KEY_%d=%s", i, s.key), fmt.Sprintf("GIT_CONFIG_VALUE_%d=%s", i, s.value))
	}
	return env
}
