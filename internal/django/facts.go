package django

import "github.com/lintel-bot/lintel/internal/fact"

func (p *Project) projectFacts() *fact.Value { return fact.DictOf() }
