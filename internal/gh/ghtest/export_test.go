package ghtest

import (
	"context"
	"maps"
	"slices"
)

// Operations lists the operations the fake answers, with the permissions that
// would each do.
func (s *Server) Operations() map[string][]string {
	all := map[string][]string{}
	for operation, r := range s.routes {
		all[operation] = []string{}
		for _, n := range r.needs {
			all[operation] = append(all[operation], n.permission+": "+n.level)
		}
	}
	return all
}

// Described lists the operations of the description.
func (s *Server) Described() []string {
	var all []string
	for path, item := range s.api.document.Paths.Map() {
		for method := range item.Operations() {
			all = append(all, method+" "+path)
		}
	}
	return slices.Sorted(slices.Values(all))
}

// ValidateDescription checks the description itself.
func (s *Server) ValidateDescription() error { return s.api.document.Validate(context.Background()) }

// OperationNames are the keys of Operations, sorted.
func (s *Server) OperationNames() []string { return slices.Sorted(maps.Keys(s.routes)) }
