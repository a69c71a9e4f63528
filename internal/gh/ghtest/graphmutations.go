package ghtest

import (
	"fmt"
	"strings"
)

type graphMutation struct{}

func (graphMutation) graphType() string { return "Mutation" }

func (graphMutation) graphField(g *graphCall, name string, arguments map[string]any) (any, error) {
	input, _ := arguments["input"].(map[string]any)
	payload := graphPayload{name: strings.ToUpper(name[:1]) + name[1:] + "Payload", client: input["clientMutationId"]}
	var err error
	switch name {
	case "resolveReviewThread", "unresolveReviewThread":
		payload.result, err = g.resolveThread(input, name == "resolveReviewThread")
	case "minimizeComment":
		classifier, _ := input["classifier"].(string)
		payload.result, err = g.minimize(input, strings.ReplaceAll(strings.ToLower(classifier), "_", "-"))
	case "unminimizeComment":
		payload.result, err = g.minimize(input, "")
	default:
		err = fmt.Errorf("ghtest: no mutation %s", name)
	}
	if err != nil {
		return nil, err
	}
	return payload, nil
}

// resolveThread needs contents: write beside pull_requests: write.
func (g *graphCall) resolveThread(input map[string]any, resolved bool) (graphObject, error) {
	id, _ := input["threadId"].(string)
	found, err := g.node(id)
	if err != nil {
		return nil, err
	}
	t, isThread := found.(graphThread)
	if !isThread {
		return nil, &graphError{"NOT_FOUND", fmt.Sprintf("Could not resolve to a node with the global id of '%s'", id)}
	}
	if !g.auth.allows("contents", "write") || !g.auth.allows("pull_requests", "write") {
		return nil, &graphError{"FORBIDDEN", "Resource not accessible by integration"}
	}
	t.thread.resolved, t.thread.resolvedBy = resolved, nil
	if resolved {
		t.thread.resolvedBy = g.server.bot(g.server.app)
	}
	return t, nil
}

func (g *graphCall) minimize(input map[string]any, reason string) (graphObject, error) {
	id, _ := input["subjectId"].(string)
	found, err := g.node(id)
	if err != nil {
		return nil, err
	}
	if !g.mayMinimize() {
		return nil, &graphError{"FORBIDDEN", "Resource not accessible by integration"}
	}
	switch c := found.(type) {
	case graphComment:
		c.comment.minimized = reason
	case graphIssueComment:
		c.comment.minimized = reason
	default:
		return nil, &graphError{"UNPROCESSABLE", "Could not minimize: the subject is not a comment"}
	}
	return found, nil
}

// graphPayload is what a mutation answers.
type graphPayload struct {
	name   string
	client any
	result graphObject
}

func (p graphPayload) graphType() string { return p.name }

func (p graphPayload) graphField(_ *graphCall, name string, _ map[string]any) (any, error) {
	if name == "clientMutationId" {
		return p.client, nil
	}
	return p.result, nil
}

// trimBot takes the ending off a bot's login.
func trimBot(login string) string { return strings.TrimSuffix(login, "[bot]") }
