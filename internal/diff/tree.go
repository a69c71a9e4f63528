package diff

// Entry is one file of a tree.
type Entry struct {
	Path string
	Mode Mode
	// Blob is the full object id of the content, or the commit id of a
	// submodule.
	Blob string
}

// Introduction is one path whose content a commit changed against all of its
// parents. A merge that only joins its parents introduces nothing.
type Introduction struct {
	Commit string
	// Path is the path in the commit; renames are not followed.
	Path string
	Mode Mode
	// Blob is the content after the commit, empty when it deleted the path.
	Blob string
	// ParentBlobs are the contents in the parents that had the path.
	ParentBlobs []string
}
