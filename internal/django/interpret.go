package django

import (
	"context"

	"github.com/lintel-bot/lintel/internal/fact"
)

// interpret works out the settings of a leaf: a module, or "module:Class".
func interpret(ctx context.Context, m modules, leaf string, tier Tier) (*fact.Value, []Gap) {
	return &fact.Value{Kind: fact.Dict, Open: true, Missing: []string{"module " + leaf}}, nil
}
