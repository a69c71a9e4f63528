package python

// Summary is what linking needs to know of every file of a tree, so that the
// trees of most files need not be loaded.
type Summary struct {
	// Imports are the dotted names that the file binds by imports, at any depth:
	// "os", "django.core.cache.cache", "..base.*". Each once, first place.
	Imports []Reference
	// Names are the upper-case names assigned at module or class level, each
	// once.
	Names []Reference
	// Uses are the dotted names that are called, subclassed or put on as
	// decorators, resolved through the file's imports ("django.db.models.FileField"
	// for models.FileField); a name that no import binds stays as it is spelled,
	// and what is not a dotted name is left out. Each once, first place.
	Uses []Reference
}

// Reference is a name and the first line, 1-based, where it stands.
type Reference struct {
	Name string
	Line int
}
