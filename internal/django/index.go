package django

// index finds modules by their dotted names.
type index struct{}

func newIndex(s Source, o Options) *index { return &index{} }
