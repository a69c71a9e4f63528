package ghtest

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// graphSchema is the part of GitHub's GraphQL schema that lintel uses, reduced to
// facts; openapi/cut.mjs writes it.
//
//go:embed testdata/schema.graphql
var graphSchema string

type graph struct{ schema *ast.Schema }

func loadGraph() (*graph, error) {
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphql", Input: graphSchema})
	if err != nil {
		return nil, fmt.Errorf("ghtest: reading the GraphQL schema: %w", err)
	}
	return &graph{schema}, nil
}

// graphObject is a value with fields. A field is a scalar, nil, a graphObject or a
// list of them.
type graphObject interface {
	graphType() string
	graphField(g *graphCall, name string, arguments map[string]any) (any, error)
}

// graphCall is one GraphQL request.
type graphCall struct {
	server    *Server
	auth      authorization
	fragments ast.FragmentDefinitionList
	variables map[string]any
	errors    []object
}

// graphError is an error in GitHub's form: it has a type, and the HTTP status stays
// 200.
type graphError struct{ kind, message string }

func (e *graphError) Error() string { return e.message }

// serveGraph answers a GraphQL request.
func (s *Server) serveGraph(r *http.Request, body []byte, auth authorization) *answer {
	switch {
	case r.Method != http.MethodPost:
		return s.failed(notFound())
	case auth.kind == authNone:
		return s.failed(unauthorized("This endpoint requires you to be authenticated."))
	case auth.kind == authApp:
		return s.failed(forbidden())
	case !auth.installation.suspendedAt.IsZero():
		return s.failed(suspended())
	}
	var request struct {
		Query         string         `json:"query"`
		Variables     map[string]any `json:"variables"`
		OperationName string         `json:"operationName"`
	}
	if err := json.Unmarshal(body, &request); err != nil {
		return s.failed(&apiError{status: http.StatusBadRequest, message: "Problems parsing JSON"})
	}
	document, problems := gqlparser.LoadQueryWithRules(s.graph.schema, request.Query, rules.NewDefaultRules())
	if len(problems) > 0 {
		return ok(object{"errors": graphErrors(problems)})
	}
	operation := document.Operations.ForName(request.OperationName)
	if operation == nil {
		return ok(object{"errors": []object{{"message": "No operation named \"" + request.OperationName + "\""}}})
	}
	g := &graphCall{server: s, auth: auth, fragments: document.Fragments}
	var err error
	if g.variables, err = validator.VariableValues(s.graph.schema, operation, request.Variables); err != nil {
		return ok(object{"errors": []object{{"message": err.Error()}}})
	}
	var root graphObject = graphQuery{}
	if operation.Operation == ast.Mutation {
		root = graphMutation{}
	}
	result := object{"data": g.resolve(root, operation.SelectionSet, nil)}
	if len(g.errors) > 0 {
		result["errors"] = g.errors
	}
	return ok(result)
}

func graphErrors(list gqlerror.List) []object {
	var shown []object
	for _, one := range list {
		shown = append(shown, object{"message": one.Message, "locations": one.Locations})
	}
	return shown
}

// resolve reads the selected fields of an object.
func (g *graphCall) resolve(from graphObject, selection ast.SelectionSet, path []any) object {
	out := object{}
	for _, selected := range selection {
		switch chosen := selected.(type) {
		case *ast.Field:
			out[chosen.Alias] = g.field(from, chosen, append(path[:len(path):len(path)], chosen.Alias))
		case *ast.InlineFragment:
			if g.applies(from, chosen.TypeCondition) {
				merge(out, g.resolve(from, chosen.SelectionSet, path))
			}
		case *ast.FragmentSpread:
			if fragment := g.fragments.ForName(chosen.Name); g.applies(from, fragment.TypeCondition) {
				merge(out, g.resolve(from, fragment.SelectionSet, path))
			}
		}
	}
	return out
}

func merge(into, from object) {
	for name, value := range from {
		into[name] = value
	}
}

// applies tells whether a fragment is for an object's type or one of its
// interfaces.
func (g *graphCall) applies(from graphObject, condition string) bool {
	if condition == "" || condition == from.graphType() {
		return true
	}
	for _, face := range g.server.graph.schema.Types[from.graphType()].Interfaces {
		if face == condition {
			return true
		}
	}
	return false
}

func (g *graphCall) field(from graphObject, f *ast.Field, path []any) any {
	if f.Name == "__typename" {
		return from.graphType()
	}
	value, err := from.graphField(g, f.Name, f.ArgumentMap(g.variables))
	if err != nil {
		shown := object{"message": err.Error(), "path": path, "locations": []object{{"line": f.Position.Line, "column": f.Position.Column}}}
		var typed *graphError
		if errors.As(err, &typed) {
			shown["type"] = typed.kind
		} else {
			g.server.violation("graphql %s: %v", f.Name, err)
		}
		g.errors = append(g.errors, shown)
		return nil
	}
	switch value := value.(type) {
	case graphObject:
		return g.resolve(value, f.SelectionSet, path)
	case []graphObject:
		list := []any{}
		for i, one := range value {
			list = append(list, g.resolve(one, f.SelectionSet, append(path[:len(path):len(path)], i)))
		}
		return list
	}
	return value
}

// connection cuts a list by first, last and after. Cursors count from one.
func connection(kind string, all []graphObject, arguments map[string]any) (graphObject, error) {
	first, last := number(arguments["first"]), number(arguments["last"])
	if first == 0 && last == 0 {
		return nil, &graphError{"MISSING_PAGINATION_BOUNDARIES", "You must provide a `first` or `last` value to properly paginate the connection."}
	}
	if first > pageMax || last > pageMax {
		return nil, &graphError{"EXCESSIVE_PAGINATION", fmt.Sprintf("Requesting %d records on the connection exceeds the `first` limit of 100 records.", max(first, last))}
	}
	from := 0
	if after, given := arguments["after"].(string); given && after != "" {
		if _, err := fmt.Sscanf(after, "cursor:%d", &from); err != nil {
			return nil, &graphError{"INVALID_CURSOR_ARGUMENTS", "`" + after + "` does not appear to be a valid cursor."}
		}
	}
	from = min(from, len(all))
	to := len(all)
	if first > 0 {
		to = min(from+first, len(all))
	} else {
		from = max(from, to-last)
	}
	return graphPage{kind: kind, nodes: all[from:to], from: from, to: to, total: len(all)}, nil
}

func number(value any) int {
	switch n := value.(type) {
	case int64:
		return int(n)
	case float64:
		return int(n)
	case json.Number:
		i, err := n.Int64()
		if err != nil {
			return 0
		}
		return int(i)
	}
	return 0
}

// graphPage is a part of a list.
type graphPage struct {
	kind            string
	nodes           []graphObject
	from, to, total int
}

func (p graphPage) graphType() string { return p.kind }

func (p graphPage) graphField(_ *graphCall, name string, _ map[string]any) (any, error) {
	switch name {
	case "nodes":
		return p.nodes, nil
	case "totalCount":
		return p.total, nil
	case "pageInfo":
		return p, nil
	case "hasNextPage":
		return p.to < p.total, nil
	case "hasPreviousPage":
		return p.from > 0, nil
	case "startCursor":
		return cursor(p.from+1, len(p.nodes)), nil
	case "endCursor":
		return cursor(p.to, len(p.nodes)), nil
	}
	return nil, fmt.Errorf("ghtest: no field %s of %s", name, p.kind)
}

func cursor(at, count int) any {
	if count == 0 {
		return nil
	}
	return fmt.Sprintf("cursor:%d", at)
}
