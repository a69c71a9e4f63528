package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"

	"github.com/lintel-bot/lintel/internal/queue"
)

// The shapes of what is stored and logged. They are wider than what GitHub
// sends, and narrow enough to be printed and stored as they are.
var (
	deliveryID = regexp.MustCompile(`^[0-9A-Za-z-]{1,64}$`)
	eventName  = regexp.MustCompile(`^[a-z0-9_]{1,64}$`)
	// actionName is wider: that of repository_dispatch is its sender's choice.
	actionName = regexp.MustCompile(`^[0-9A-Za-z_.-]{1,100}$`)
	// fullName: a login is at most 39 characters long, with the suffix of a
	// managed user somewhat more; a repository's name at most 100.
	fullName = regexp.MustCompile(`^[0-9A-Za-z_.-]{1,100}/[0-9A-Za-z_.-]{1,100}$`)
	// commitID is of SHA-1 or SHA-256.
	commitID = regexp.MustCompile(`^(?:[0-9a-f]{40}|[0-9a-f]{64})$`)
)

// envelope is what is used of a payload that asks for no work.
type envelope struct {
	Action       json.RawMessage `json:"action"`
	Installation installation    `json:"installation"`
}

type installation struct {
	ID int64 `json:"id"`
}

// pullRequestPayload is what is used of a pull_request payload.
// https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request
type pullRequestPayload struct {
	Action       string       `json:"action"`
	Installation installation `json:"installation"`
	Number       int          `json:"number"`
	Changes      struct {
		Base *struct{} `json:"base"`
	} `json:"changes"`
	PullRequest *struct {
		Head struct {
			SHA string `json:"sha"`
		} `json:"head"`
	} `json:"pull_request"`
	Repository *struct {
		ID       int64  `json:"id"`
		FullName string `json:"full_name"`
	} `json:"repository"`
}

// decode reads a signed delivery. Its errors are sentences for the sender that
// quote nothing of the payload. The event is set even then, if it is known.
func decode(h http.Header, body []byte) (d queue.Delivery, err error) {
	if d.Event, err = header(h, "X-GitHub-Event", eventName); err != nil {
		return d, err
	}
	if d.GUID, err = header(h, "X-GitHub-Delivery", deliveryID); err != nil {
		return d, err
	}
	if trimmed := bytes.TrimLeft(body, " \t\r\n"); len(trimmed) == 0 || trimmed[0] != '{' {
		return d, errors.New("the body is not a JSON object")
	}
	if d.Event == "pull_request" {
		var p pullRequestPayload
		if err := unmarshal(body, &p); err != nil {
			return d, err
		}
		d.InstallationID, d.Action = p.Installation.ID, plain(p.Action)
		d.Want, err = p.want()
		return d, err
	}
	var e envelope
	if err := unmarshal(body, &e); err != nil {
		return d, err
	}
	d.InstallationID = e.Installation.ID
	var name string
	if json.Unmarshal(e.Action, &name) == nil { // an event without one is no error
		d.Action = plain(name)
	}
	d.Restored = d.InstallationID > 0 && restoring[[2]string{d.Event, d.Action}]
	return d, nil
}

// restoring are the events and actions after which requests may succeed that
// GitHub refused before. Every App gets them, whatever it subscribes to
// (https://docs.github.com/en/webhooks/webhook-events-and-payloads#installation).
var restoring = map[[2]string]bool{
	{"installation", "unsuspend"}:                true,
	{"installation", "new_permissions_accepted"}: true,
	{"installation_repositories", "added"}:       true,
}

// header returns the one value of a header.
func header(h http.Header, name string, shape *regexp.Regexp) (string, error) {
	values := h.Values(name)
	if len(values) != 1 || !shape.MatchString(values[0]) {
		return "", fmt.Errorf("the %s header is missing or not what GitHub sends", name)
	}
	return values[0], nil
}

// unmarshal reads JSON; what the decoder says about it may quote the payload
// and stays here, but for the place.
func unmarshal(body []byte, into any) error {
	err := json.Unmarshal(body, into)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax):
		return fmt.Errorf("the body is not JSON: it goes wrong at byte %d", syntax.Offset)
	case errors.As(err, &kind):
		return fmt.Errorf("the body is not the JSON of its event: %s has the wrong type", place(kind.Field))
	}
	return errors.New("the body is not the JSON of its event")
}

// place names a field of ours; the decoder's path holds nothing else.
func place(field string) string {
	if field == "" {
		return "a value"
	}
	return field
}

// plain returns an action as it is, or nothing where it is not fit to be kept.
func plain(action string) string {
	if !actionName.MatchString(action) {
		return ""
	}
	return action
}

// want returns what a pull_request delivery asks for; nil for an action that
// changes neither head, base nor state.
func (p pullRequestPayload) want() (*queue.Want, error) {
	if p.Action == "" {
		return nil, errors.New("action is missing")
	}
	switch p.Action {
	case "opened", "synchronize", "reopened", "ready_for_review", "closed":
	case "edited":
		// The base branch, and nothing else that can be edited, changes what
		// is reviewed. No other event tells of it.
		if p.Changes.Base == nil {
			return nil, nil
		}
	default:
		return nil, nil
	}
	switch {
	case p.Installation.ID <= 0:
		return nil, errors.New("installation.id is missing: the webhook must be that of a GitHub App")
	case p.Repository == nil || p.Repository.ID <= 0:
		return nil, errors.New("repository.id is missing")
	case !fullName.MatchString(p.Repository.FullName):
		return nil, errors.New("repository.full_name is missing or not of the form owner/name")
	case p.Number <= 0:
		return nil, errors.New("number is missing")
	case p.PullRequest == nil || !commitID.MatchString(p.PullRequest.Head.SHA):
		return nil, errors.New("pull_request.head.sha is missing or not a commit id")
	}
	return &queue.Want{
		Key:        queue.Key{RepositoryID: p.Repository.ID, Number: p.Number},
		Repository: p.Repository.FullName,
		Head:       p.PullRequest.Head.SHA,
		Closed:     p.Action == "closed",
	}, nil
}
