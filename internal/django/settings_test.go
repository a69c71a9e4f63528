package django

import (
	"testing"

	"github.com/lintel-bot/lintel/internal/fact"
)

// TestSettingGivenOnOneWayHasTheDefaultOnTheOther: what a branch leaves unset is
// what Django takes, not None.
func TestSettingGivenOnOneWayHasTheDefaultOnTheOther(t *testing.T) {
	s := newTree(t, map[string]string{
		"manage.py":   "import os\n\nos.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"settings\")\n",
		"settings.py": "import os\n\nSECRET_KEY = os.environ[\"SECRET_KEY\"]\nINSTALLED_APPS = []\nROOT_URLCONF = \"urls\"\nif os.environ.get(\"SWITCH\"):\n    SESSION_COOKIE_AGE = 60\n",
	})
	p, err := Link(t.Context(), s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range p.Leaves() {
		if l.Tier != Production {
			continue
		}
		age := l.Settings.Get("SESSION_COOKIE_AGE")
		if age == nil || age.Kind != fact.Union || fact.Show(age) != "60, 1209600" {
			t.Errorf("SESSION_COOKIE_AGE is %s", fact.Show(age))
		}
		return
	}
	t.Error("no leaf of production")
}
