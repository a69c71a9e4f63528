package queue

// Verdict is what the newest run of a pull request came to. A check run belongs
// to a commit, not to a pull request, so the verdicts of all open pull requests
// that share a head decide together what its check says.
type Verdict struct {
	RepositoryID int64
	Number       int
	// Head is the commit that was judged.
	Head string
	// Run is the ULID of the run, from which the check run's external id
	// follows.
	Run string
	// CheckID is GitHub's id of the check run; zero until it is known.
	CheckID int64
	// Conclusion is what this pull request alone deserves, in GitHub's
	// spelling; empty while the run is under way.
	Conclusion string
	// Published is what its check run was completed with, after other pull
	// requests with the same head were looked at; empty until then.
	Published string
}
