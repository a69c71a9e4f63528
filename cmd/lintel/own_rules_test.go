package main

import (
	"strings"
	"testing"

	"github.com/lintel-bot/lintel/internal/gh/ghtest"
)

// TestOwnRulesComeFromTheDefaultBranch: also for a pull request into another
// branch, which does not have them.
func TestOwnRulesComeFromTheDefaultBranch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	files := map[string]string{
		"manage.py":          "import os\n\nos.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"config.settings\")\n",
		"config/__init__.py": "",
	}
	w.commit("release", files)
	w.commit("", map[string]string{".github/lintel/rules/team/site-id.yml": `id: team/site-id
title: The site has a number that is taken
family: team
quality: Maintainability
severity: major
since: "1.0"
for: settings
when: settings.SITE_ID < 100
subject: SITE_ID
anchor: settings.SITE_ID
message: "It is {show(settings.SITE_ID)}."
why: Numbers below 100 belong to the old platform.
fix: [Take the next number from 100 on.]
references: ["https://docs.djangoproject.com/en/stable/ref/settings/#site-id"]
`})
	change := map[string]string{"config/settings.py": settings(`os.environ["SECRET_KEY"]`) + "SITE_ID = 7\n"}
	if _, err := w.shop.Commit(ghtest.Commit{Branch: "feature", Base: "release", Files: change}); err != nil {
		t.Fatal(err)
	}
	pull, err := w.shop.OpenPullRequest(ghtest.NewPullRequest{Head: "feature", Base: "release"})
	if err != nil {
		t.Fatal(err)
	}
	if check := w.check(pull); check.Conclusion != "failure" || !strings.Contains(check.Summary, "team/site-id") {
		t.Errorf("check %s: %s\n%s", check.Conclusion, check.Title, check.Summary)
	}
}
