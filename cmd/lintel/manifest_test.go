package main

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// TestManifestAsksForWhatIsUsed holds app.yml to what the server does: every
// token it asks for is narrowed to these permissions and to one repository, and
// no event is subscribed to that is not read.
func TestManifestAsksForWhatIsUsed(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../../app.yml")
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Name, Description, URL string
		Public                 bool
		HookAttributes         struct {
			URL    string
			Active bool
		} `yaml:"hook_attributes"`
		DefaultPermissions map[string]string `yaml:"default_permissions"`
		DefaultEvents      []string          `yaml:"default_events"`
	}
	if err := yaml.UnmarshalWithOptions(content, &manifest, yaml.Strict()); err != nil {
		t.Fatal(yaml.FormatError(err, false, true))
	}
	if !slices.Equal(manifest.DefaultEvents, []string{"pull_request"}) {
		t.Errorf("events %v, want the one that the webhook acts on", manifest.DefaultEvents)
	}

	w := newWorld(t)
	w.start()
	w.check(w.propose("leak", map[string]string{"config/settings.py": settings(quoted(djangoKey(1)))}))
	tokens := 0
	for _, r := range w.github.Requests() {
		if !strings.HasSuffix(r.Path, "/access_tokens") {
			continue
		}
		tokens++
		var asked struct {
			Permissions   map[string]string
			RepositoryIDs []int64 `json:"repository_ids"`
		}
		if err := json.Unmarshal(r.Body, &asked); err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(asked.Permissions, manifest.DefaultPermissions) {
			t.Errorf("a token with %v, the manifest says %v", asked.Permissions, manifest.DefaultPermissions)
		}
		if !slices.Equal(asked.RepositoryIDs, []int64{w.shop.ID()}) {
			t.Errorf("a token for the repositories %v, want only %d", asked.RepositoryIDs, w.shop.ID())
		}
	}
	if tokens == 0 {
		t.Error("no token was asked for")
	}
}
