package webhook_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lintel-bot/lintel/internal/queue"
)

// object is a recorded payload that a test can edit.
type object = map[string]any

// recorded returns GitHub's recorded payloads by event.
func recorded(t *testing.T) map[string][]object {
	t.Helper()
	path := filepath.Join("..", "..", "testdata", "octokit", "node_modules", "@octokit", "webhooks-examples",
		"api.github.com", "index.json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("the recorded payloads are not installed: run make test-deps (%v)", err)
	}
	var events []struct {
		Name     string
		Examples []object
	}
	if err := json.Unmarshal(text, &events); err != nil {
		t.Fatal(err)
	}
	byName := map[string][]object{}
	for _, e := range events {
		byName[e.Name] = e.Examples
	}
	if len(byName) < 50 || len(byName["pull_request"]) < 20 {
		t.Fatalf("%d events are recorded, %d of them pull_request, want more", len(byName), len(byName["pull_request"]))
	}
	return byName
}

// used are the actions that ask for work; edited does with a change of base.
var used = map[string]bool{
	"opened": true, "synchronize": true, "reopened": true, "ready_for_review": true, "closed": true,
}

func (f *fixture) send(n int, event string, payload object) answer {
	f.t.Helper()
	body, err := json.Marshal(payload)
	if err != nil {
		f.t.Fatal(err)
	}
	r := f.request(guid(n), body)
	r.Header.Set("X-GitHub-Event", event)
	return f.do(r)
}

// TestRecordedPayloads: every payload GitHub is known to send is answered with
// 202, and only those that change what there is to review ask for work.
func TestRecordedPayloads(t *testing.T) {
	f := newFixture(t, nil)
	n := 0
	restored := map[string]bool{}
	for event, examples := range recorded(t) {
		for _, example := range examples {
			n++
			action, _ := example["action"].(string)
			if event == "pull_request" && used[action] {
				f.recordedPullRequest(n, example)
				continue
			}
			f.want(f.send(n, event, example), http.StatusAccepted, "recorded")
			d := f.last()
			if d.Event != event || d.Action != action || d.Want != nil {
				t.Errorf("%s %s was stored as %+v", event, action, d)
			}
			if d.Restored {
				restored[event+" "+action] = true
			}
		}
	}
	if want := map[string]bool{
		"installation unsuspend": true, "installation new_permissions_accepted": true, "installation_repositories added": true,
	}; !maps.Equal(restored, want) {
		t.Errorf("restoring an installation: %v, want %v", restored, want)
	}
}

// recordedPullRequest sends a recorded payload that asks for work. Some were
// recorded from a repository's own webhook, which names no installation; those
// are refused, and sent again with one.
func (f *fixture) recordedPullRequest(n int, example object) {
	f.t.Helper()
	if example["installation"] == nil {
		f.want(f.send(n, "pull_request", example), http.StatusBadRequest, "installation.id is missing")
		example = maps.Clone(example)
		example["installation"] = object{"id": float64(4711)}
	}
	f.want(f.send(n, "pull_request", example), http.StatusAccepted, "queued")
	f.wantDelivery(n, example)
}

// wantDelivery compares the last stored delivery with its payload, read without
// the package's own structs.
func (f *fixture) wantDelivery(n int, example object) {
	f.t.Helper()
	action := at(f.t, example, "action").(string)
	want := queue.Delivery{
		GUID: guid(n), Event: "pull_request", Action: action,
		InstallationID: int64(at(f.t, example, "installation", "id").(float64)),
		Want: &queue.Want{
			Key: queue.Key{
				RepositoryID: int64(at(f.t, example, "repository", "id").(float64)),
				Number:       int(at(f.t, example, "pull_request", "number").(float64)),
			},
			Repository: at(f.t, example, "repository", "full_name").(string),
			Head:       at(f.t, example, "pull_request", "head", "sha").(string),
			Closed:     action == "closed",
		},
	}
	got := f.last()
	want.ReceivedAt = got.ReceivedAt
	if diff := cmp.Diff(want, got); diff != "" {
		f.t.Errorf("delivery (-want +got):\n%s", diff)
	}
}

// at follows keys into a payload.
func at(t *testing.T, value any, keys ...string) any {
	t.Helper()
	for _, key := range keys {
		inner, ok := value.(object)
		if !ok || inner[key] == nil {
			t.Fatalf("the recorded payload has no %v", keys)
		}
		value = inner[key]
	}
	return value
}

// TestActions: what is not recorded is made of what is.
func TestActions(t *testing.T) {
	synchronize := recordedSynchronize(t)
	edited := func(changes any) func(object) {
		return func(e object) { e["action"], e["changes"] = "edited", changes }
	}
	for name, c := range map[string]struct {
		edit  func(object)
		asked bool
	}{
		"synchronize":               {func(object) {}, true},
		"the base branch changed":   {edited(object{"base": object{"ref": object{"from": "old"}, "sha": object{"from": "x"}}}), true},
		"base and title changed":    {edited(object{"title": object{"from": "x"}, "base": object{}}), true},
		"only the title changed":    {edited(object{"title": object{"from": "x"}}), false},
		"base is null":              {edited(object{"base": nil}), false},
		"nothing changed":           {edited(object{}), false},
		"changes are missing":       {func(e object) { e["action"] = "edited" }, false},
		"a draft":                   {func(e object) { e["pull_request"].(object)["draft"] = true }, true},
		"converted to a draft":      {func(e object) { e["action"] = "converted_to_draft" }, false},
		"an action of tomorrow":     {func(e object) { e["action"] = "teleported" }, false},
		"from a fork":               {func(e object) { head(e)["repo"] = object{"id": float64(1), "fork": true, "full_name": "evil/api"} }, true},
		"from a deleted fork":       {func(e object) { head(e)["repo"] = nil; head(e)["user"] = nil }, true},
		"a head in SHA-256":         {func(e object) { head(e)["sha"] = fmt.Sprintf("%064x", 11) }, true},
		"a managed user's name":     {func(e object) { e["repository"].(object)["full_name"] = "mona_acme/a.b-c_d" }, true},
		"an id beyond 32 bits":      {func(e object) { e["repository"].(object)["id"] = float64(1 << 40) }, true},
		"a title with markup in it": {func(e object) { e["pull_request"].(object)["title"] = "<script>\x00\xff" }, true},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, nil)
			var example object
			if err := json.Unmarshal(synchronize, &example); err != nil {
				t.Fatal(err)
			}
			c.edit(example)
			if !c.asked {
				f.want(f.send(1, "pull_request", example), http.StatusAccepted, "recorded")
				if f.last().Want != nil || f.woken != 0 {
					t.Error("work was asked for")
				}
				return
			}
			f.want(f.send(1, "pull_request", example), http.StatusAccepted, "queued")
			f.wantDelivery(1, example)
		})
	}
}

func head(e object) object { return e["pull_request"].(object)["head"].(object) }

// recordedSynchronize returns the recorded payload that the others are made of.
func recordedSynchronize(t *testing.T) []byte {
	t.Helper()
	for _, example := range recorded(t)["pull_request"] {
		if example["action"] == "synchronize" && example["installation"] != nil {
			text, err := json.Marshal(example)
			if err != nil {
				t.Fatal(err)
			}
			return text
		}
	}
	t.Fatal("no synchronize is recorded")
	return nil
}
