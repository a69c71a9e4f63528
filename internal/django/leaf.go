package django

import "context"

func (p *Project) findLeaves(ctx context.Context) error { return ctx.Err() }

func (p *Project) interpretLeaves(ctx context.Context) error { return ctx.Err() }
