package django

import "slices"

// variables are the names of a module, a class, a function or an object, and
// what they stand for. Every change of them is in the journal, so that a way
// that may not be taken can be taken back and joined with the other, whatever
// it changed: names of its own, of a function around it, or of other modules.
type variables struct {
	named   map[string]*object
	journal *journal
	// born is the journal's clock when they came to be.
	born int
}

func (v *variables) get(name string) (*object, bool) {
	o, ok := v.named[name]
	return o, ok
}

// set binds a name; without an object it is deleted.
func (v *variables) set(name string, o *object) {
	v.journal.note(rebound{slot: slot{v, name}, before: v.named[name], born: v.born})
	if o == nil {
		delete(v.named, name)
		return
	}
	v.named[name] = o
}

// slot is one name.
type slot struct {
	in   *variables
	name string
}

// rebound is what a slot held before it was changed, or why a module was open
// before it was opened further.
type rebound struct {
	slot
	before *object
	opened *namespace
	open   []string
	// born is that of the variables when they were changed.
	born int
}

// journal lists the changes since the oldest fork that is not over.
type journal struct {
	changes []rebound
	forks   int
	clock   int
	// steps counts the changes that were gone over as work.
	steps *int
}

// fork is a place in the journal from which ways part.
type fork struct{ at, clock int }

// way is what a part of the code leaves behind that may not run.
type way struct {
	slots         []slot
	before, after map[slot]*object
	open          map[*namespace][]string
}

func (j *journal) variables() *variables {
	return &variables{named: make(map[string]*object), journal: j, born: j.clock}
}

func (j *journal) note(c rebound) {
	if j.forks > 0 {
		j.changes = append(j.changes, c)
	}
}

func (j *journal) fork() fork {
	j.forks++
	j.clock++
	return fork{len(j.changes), j.clock}
}

// end ends a fork; what was changed since stays.
func (j *journal) end(fork) {
	if j.forks--; j.forks == 0 {
		j.changes = j.changes[:0]
	}
}

// changesPerStep is how many changes cost as much to go over as a step.
const changesPerStep = 8

// since returns what was changed since a fork. What came to be after it is left
// out: nothing outside of the way knows it.
func (j *journal) since(f fork) *way {
	w := &way{before: make(map[slot]*object), after: make(map[slot]*object), open: make(map[*namespace][]string)}
	*j.steps += (len(j.changes) - f.at) / changesPerStep
	for _, c := range j.changes[f.at:] {
		switch _, seen := w.before[c.slot]; {
		case c.born >= f.clock:
		case c.opened != nil:
			w.open[c.opened] = c.opened.open
		case !seen:
			w.slots = append(w.slots, c.slot)
			w.before[c.slot], w.after[c.slot] = c.before, c.in.named[c.name]
		}
	}
	return w
}

// undo takes back what was changed since a fork, and returns it.
func (j *journal) undo(f fork) *way {
	w := j.since(f)
	for at := len(j.changes) - 1; at >= f.at; at-- {
		switch c := j.changes[at]; {
		case c.born >= f.clock:
		case c.opened != nil:
			c.opened.open = c.open
		case c.before == nil:
			delete(c.in.named, c.name)
		default:
			c.in.named[c.name] = c.before
		}
	}
	j.changes = j.changes[:f.at]
	return w
}

// redo changes what a way changed.
func (w *way) redo() {
	for _, s := range w.slots {
		s.in.set(s.name, w.after[s])
	}
	w.reopen()
}

// reopen opens the modules that a way opened.
func (w *way) reopen() {
	for ns, open := range w.open {
		ns.opens(open...)
	}
}

// opens records what may set more names.
func (ns *namespace) opens(missing ...string) {
	for _, m := range missing {
		if !slices.Contains(ns.open, m) {
			ns.vars.journal.note(rebound{opened: ns, open: ns.open, born: ns.vars.born})
			ns.open = append(slices.Clip(ns.open), m)
		}
	}
}

// join makes unions of what differs between the variables as they are and a way
// from the same fork that was taken back.
func (i *interpreter) join(from fork, w *way, guard string) {
	now := i.journal.since(from)
	slots := w.slots
	for _, s := range now.slots {
		if _, ok := w.after[s]; !ok {
			slots = append(slices.Clip(slots), s)
		}
	}
	for _, s := range slots {
		a, ok := w.after[s]
		if !ok {
			a = now.before[s]
		}
		if b := s.in.named[s.name]; a != b {
			s.in.set(s.name, joined(a, b, guard))
		}
	}
	w.reopen()
}
