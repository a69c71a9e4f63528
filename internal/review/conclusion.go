package review

// Worse reports whether c is a worse conclusion than the other one. A commit
// carries one check, so where several hold the worst counts: failure, then
// action_required, then neutral, then success. Cancelled judges nothing and is
// worse than none of them.
func (c Conclusion) Worse(than Conclusion) bool { return c.rank() > than.rank() }

func (c Conclusion) rank() int {
	switch c {
	case Failure:
		return 4
	case ActionRequired:
		return 3
	case Neutral:
		return 2
	case Success:
		return 1
	}
	return 0
}
