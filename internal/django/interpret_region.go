package django

// region is what return leaves, or break and continue: a function, a loop.
type region struct {
	from fork
	// exits are the ways that left it while others went on.
	exits []exit
}

// exit is a way that left a region: what was changed since the region began.
type exit struct {
	end   flow
	way   *way
	guard string
}

// within is the region that an end of a block leaves, or nil.
func (f *frame) within(end flow) *region {
	switch end {
	case flowReturned:
		return f.body
	case flowBroke, flowContinued:
		return f.loop
	}
	return nil
}

// leave records that a way under a condition leaves a region, while another goes
// on: what it changed counts where the region ends.
func (f *frame) leave(end flow, guard string) {
	if r := f.within(end); r != nil {
		r.exits = append(r.exits, exit{end, f.vars.journal.since(r.from), guard})
	}
}

// rejoin joins the ways that ended so with what is there, if anything gets there;
// it reports whether something does now.
func (i *interpreter) rejoin(r *region, end flow, alive bool) bool {
	rest := r.exits[:0:0]
	for _, e := range r.exits {
		switch {
		case e.end != end:
			rest = append(rest, e)
		case alive:
			i.join(r.from, e.way, e.guard)
		default:
			i.journal.undo(r.from)
			e.way.redo()
			alive = true
		}
	}
	r.exits = rest
	return alive
}
