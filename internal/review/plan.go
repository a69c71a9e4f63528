package review

import (
	"slices"

	"github.com/lintel-bot/lintel/internal/diff"
	"github.com/lintel-bot/lintel/internal/finding"
)

// Plan decides what has to be written for one run. Planned again with the state
// that its own actions leave behind, it asks for no comment, edit or resolve.
func Plan(in Input) Actions {
	if in.Result == nil {
		return Actions{Check: CouldNotReview("The scan ended without a result.", in.Run)}
	}
	p := newPlanner(in)
	p.revise()
	p.post()
	p.actions.Check = p.check()
	return p.actions
}

// planner is the state of one Plan.
type planner struct {
	in    Input
	files map[string]diff.File
	// reported are the new findings, one per fingerprint, worst first.
	reported []finding.Finding
	// told says of a fingerprint where it is commented on, now or before.
	told map[finding.Fingerprint]telling
	// openGroups are the keys of grouped comments that stay open.
	openGroups map[finding.Fingerprint]bool
	// inline and fileLevel count the open comments, the new ones included.
	inline, fileLevel int
	// fixed counts the findings whose comments say so.
	fixed int
	// capped counts the findings that a limit kept out of the conversation;
	// held back counts those that a draft did.
	capped, heldBack int
	actions          Actions
}

// telling is how a finding is commented on.
type telling struct {
	// url is empty for a comment that is not posted yet.
	url string
	// earlier is true for a comment of an earlier run; reopened for one that
	// said the finding was gone.
	earlier, reopened bool
}

func newPlanner(in Input) *planner {
	p := &planner{
		in:         in,
		files:      make(map[string]diff.File, len(in.Files)),
		told:       make(map[finding.Fingerprint]telling),
		openGroups: make(map[finding.Fingerprint]bool),
	}
	for _, f := range in.Files {
		if f.Status != diff.Deleted {
			p.files[f.Path] = f
		}
	}
	seen := make(map[finding.Fingerprint]bool, len(in.Result.New))
	sorted := slices.Clone(in.Result.New)
	finding.Sort(sorted)
	for _, f := range sorted {
		if !seen[f.Fingerprint] {
			seen[f.Fingerprint] = true
			p.reported = append(p.reported, f)
		}
	}
	return p
}

// uncommented returns the findings that should get a comment and have none.
func (p *planner) uncommented() []finding.Finding {
	var list []finding.Finding
	for _, f := range p.reported {
		if _, told := p.told[f.Fingerprint]; told || !p.in.Policy.Comments(f.Severity) || !commentable(f.Path) {
			continue
		}
		if p.in.PullRequest.Draft && !urgent(f) {
			continue
		}
		list = append(list, f)
	}
	return list
}

// urgent findings are commented on even while the pull request is a draft: a
// critical secret is out already, and every hour counts.
func urgent(f finding.Finding) bool { return isSecret(f) && f.Severity == finding.Critical }
