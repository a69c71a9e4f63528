package webhook

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// FuzzDecode: whatever is signed, it is refused with a sentence that quotes
// nothing, or it is plain enough to be stored, logged and handed to git.
func FuzzDecode(f *testing.F) {
	const sha = "0123456789abcdef0123456789abcdef01234567"
	good := `{"action":"opened","number":5,"installation":{"id":11},"repository":{"id":7,"full_name":"shop/api"},` +
		`"pull_request":{"head":{"sha":"` + sha + `"}}}`
	for _, seed := range []string{
		good, strings.Replace(good, "opened", "edited", 1),
		strings.Replace(good, `"opened"`, `"edited","changes":{"base":{"ref":{"from":"x"}}}`, 1),
		strings.Replace(good, "opened", "closed", 1), `{}`, `[]`, ``, `{"action":1}`, `{"ACTION":"opened"}`,
		`{"installation":null}`, strings.Repeat(`{"a":`, 100), `{"number":1e99}`, "\xef\xbb\xbf{}",
	} {
		f.Add("pull_request", "72d3162e-cc78-11e3-81ab-4c9367dc0958", []byte(seed))
		f.Add("ping", "a", []byte(seed))
	}
	f.Fuzz(func(t *testing.T, event, guid string, body []byte) {
		d, err := decode(http.Header{"X-Github-Event": {event}, "X-Github-Delivery": {guid}}, body)
		if err != nil {
			if d.Want != nil || len(err.Error()) > 200 {
				t.Errorf("refused with %d bytes and work %v", len(err.Error()), d.Want)
			}
			return
		}
		if !json.Valid(body) {
			t.Error("accepted what is not JSON")
		}
		if d.GUID != guid || d.Event != event || !deliveryID.MatchString(guid) || !eventName.MatchString(event) {
			t.Errorf("accepted the headers %q, %q as %q, %q", event, guid, d.Event, d.GUID)
		}
		if d.Action != "" && !actionName.MatchString(d.Action) {
			t.Errorf("action %q", d.Action)
		}
		if d.Want == nil {
			return
		}
		w := *d.Want
		if event != "pull_request" || d.InstallationID <= 0 || w.RepositoryID <= 0 || w.Number <= 0 ||
			!fullName.MatchString(w.Repository) || !commitID.MatchString(w.Head) || w.Closed != (d.Action == "closed") {
			t.Errorf("accepted %+v of %+v", w, d)
		}
	})
}
