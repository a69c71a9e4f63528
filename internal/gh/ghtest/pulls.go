package ghtest

import (
	"fmt"
	"sort"
	"strings"
	"time"
)

// PullRequest is a pull request of the fake.
type PullRequest struct {
	repository     *Repository
	number         int
	id             int64
	title, body    string
	state          string // "open" or "closed"
	draft          bool
	author         *user
	baseRef        string
	baseSHA        string
	headRepository *Repository
	headOwner      *user
	headRef        string
	headSHA        string
	mergeBase      string
	mergeCommit    string
	mergeable      any // true, false, or nil while unknown
	merged         bool
	createdAt      time.Time
	updatedAt      time.Time
	closedAt       time.Time
	reviews        []*review
	comments       []*reviewComment
	threads        []*thread
	listed         commitList
}

// NewPullRequest says what to open.
type NewPullRequest struct {
	Title, Body string
	// Base is the branch to merge into; empty means the default branch.
	Base string
	// Head is a branch of the repository, or OWNER:BRANCH of a fork.
	Head  string
	Draft bool
	// Author is a login; empty means "octocat".
	Author string
}

// OpenPullRequest opens a pull request and delivers pull_request.opened.
func (r *Repository) OpenPullRequest(o NewPullRequest) (*PullRequest, error) {
	s := r.server
	s.mu.Lock()
	p, err := r.open(o)
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	s.flush()
	return p, nil
}

func (r *Repository) open(o NewPullRequest) (*PullRequest, error) {
	s := r.server
	if o.Base == "" {
		o.Base = r.defaultBranch
	}
	if o.Author == "" {
		o.Author = "octocat"
	}
	if o.Title == "" {
		o.Title = "Change " + o.Head
	}
	head := r
	branch := o.Head
	if owner, name, forked := strings.Cut(o.Head, ":"); forked {
		if head = s.forkOf(r, owner); head == nil {
			return nil, fmt.Errorf("ghtest: %s has no fork of %s", owner, r.fullName())
		}
		branch = name
	}
	now := s.now()
	r.numbers++
	p := &PullRequest{
		repository: r, number: r.numbers, id: s.ids.next(), title: o.Title, body: o.Body, state: "open", draft: o.Draft,
		author: s.user(o.Author), baseRef: o.Base, headRepository: head, headOwner: head.owner, headRef: branch,
		createdAt: now, updatedAt: now,
	}
	if err := p.refresh(); err != nil {
		r.numbers--
		return nil, err
	}
	r.pulls[p.number] = p
	p.announce("opened", p.author, nil)
	return p, nil
}

// forkOf finds the repository of an owner in the network of r.
func (s *Server) forkOf(r *Repository, owner string) *Repository {
	for _, other := range s.repos {
		if strings.EqualFold(other.owner.login, owner) && (other == r || other.parent == r || r.parent == other) {
			return other
		}
	}
	return nil
}

// refresh reads the branches again: head and base commit, merge base, the refs
// pull/N/head and pull/N/merge, and what became of the comments.
func (p *PullRequest) refresh() error {
	r, s := p.repository, p.repository.server
	base, err := s.line(r.gitDir, "rev-parse", "--verify", "-q", "refs/heads/"+p.baseRef)
	if err != nil {
		return fmt.Errorf("ghtest: no branch %q in %s", p.baseRef, r.fullName())
	}
	if h := p.headRepository; h != nil && !h.deleted {
		head, err := s.line(h.gitDir, "rev-parse", "--verify", "-q", "refs/heads/"+p.headRef)
		if err != nil {
			return fmt.Errorf("ghtest: no branch %q in %s", p.headRef, h.fullName())
		}
		if h != r {
			// The objects come over, so that the head can be read here.
			if _, err := s.git(r.gitDir, nil, "fetch", "-q", "--no-tags", h.gitDir,
				fmt.Sprintf("+refs/heads/%s:refs/pull/%d/head", p.headRef, p.number)); err != nil {
				return err
			}
		}
		p.headSHA = head
	}
	p.baseSHA = base
	if _, err := s.git(r.gitDir, nil, "update-ref", fmt.Sprintf("refs/pull/%d/head", p.number), p.headSHA); err != nil {
		return err
	}
	if p.mergeBase, err = s.line(r.gitDir, "merge-base", p.baseSHA, p.headSHA); err != nil {
		return fmt.Errorf("ghtest: %s and %s have no common history: %w", p.baseRef, p.headRef, err)
	}
	if err := p.testMerge(); err != nil {
		return err
	}
	return p.reanchor()
}

// testMerge keeps refs/pull/N/merge, the commit that a merge would make. There is
// none while the branches conflict.
func (p *PullRequest) testMerge() error {
	r, s := p.repository, p.repository.server
	p.mergeable, p.mergeCommit = false, ""
	tree, err := s.line(r.gitDir, "merge-tree", "--write-tree", "--no-messages", p.baseSHA, p.headSHA)
	if err != nil {
		return nil // git fails for a conflict, which is a state of the pull request
	}
	commit, err := s.line(r.gitDir, "commit-tree", tree, "-p", p.baseSHA, "-p", p.headSHA,
		"-m", fmt.Sprintf("Merge %s into %s", p.headSHA, p.baseSHA))
	if err != nil {
		return err
	}
	p.mergeable, p.mergeCommit = true, commit
	_, err = s.git(r.gitDir, nil, "update-ref", fmt.Sprintf("refs/pull/%d/merge", p.number), commit)
	return err
}

// pushed looks at every open pull request that a branch may have changed; an
// empty branch means any.
func (r *Repository) pushed(branch, sender string) error {
	s := r.server
	r.pushedAt = s.now()
	for _, repository := range s.repos {
		for _, p := range repository.sortedPulls() {
			if p.state != "open" || p.headRepository != r || branch != "" && p.headRef != branch {
				continue
			}
			before := p.headSHA
			tip, err := s.line(r.gitDir, "rev-parse", "--verify", "-q", "refs/heads/"+p.headRef)
			if err != nil || tip == before {
				continue
			}
			if err := p.refresh(); err != nil {
				return err
			}
			p.updatedAt = s.now()
			who := p.author
			if sender != "" {
				who = s.user(sender)
			}
			p.announce("synchronize", who, object{"before": before, "after": p.headSHA})
		}
	}
	return nil
}

func (r *Repository) sortedPulls() []*PullRequest {
	list := make([]*PullRequest, 0, len(r.pulls))
	for _, p := range r.pulls {
		list = append(list, p)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].number < list[j].number })
	return list
}

// change does something to the pull request and delivers what came of it.
func (p *PullRequest) change(do func() error) error {
	s := p.repository.server
	s.mu.Lock()
	err := do()
	if err == nil {
		p.updatedAt = s.now()
	}
	s.mu.Unlock()
	s.flush()
	return err
}

// Push commits on the head branch and delivers pull_request.synchronize.
func (p *PullRequest) Push(c Commit) (string, error) {
	c.Branch = p.headRef
	return p.headRepository.Commit(c)
}

// Retarget changes the base branch and delivers pull_request.edited.
func (p *PullRequest) Retarget(branch string) error {
	return p.change(func() error {
		ref, sha := p.baseRef, p.baseSHA
		p.baseRef = branch
		if err := p.refresh(); err != nil {
			p.baseRef = ref
			return err
		}
		p.announce("edited", p.author, object{
			"changes": object{"base": object{"ref": object{"from": ref}, "sha": object{"from": sha}}},
		})
		return nil
	})
}

// EditTitle changes the title and delivers pull_request.edited, without
// changes.base.
func (p *PullRequest) EditTitle(title string) error {
	return p.change(func() error {
		before := p.title
		p.title = title
		p.announce("edited", p.author, object{"changes": object{"title": object{"from": before}}})
		return nil
	})
}

// Close closes without merging and delivers pull_request.closed.
func (p *PullRequest) Close() error {
	return p.change(func() error {
		p.state, p.closedAt = "closed", p.repository.server.now()
		p.announce("closed", p.author, nil)
		return nil
	})
}

// Merge merges with a merge commit and delivers pull_request.closed.
func (p *PullRequest) Merge() error {
	return p.change(func() error {
		if p.mergeCommit == "" || p.state != "open" {
			return fmt.Errorf("ghtest: pull request %d cannot be merged", p.number)
		}
		s := p.repository.server
		if _, err := s.git(p.repository.gitDir, nil, "update-ref", "refs/heads/"+p.baseRef, p.mergeCommit); err != nil {
			return err
		}
		p.state, p.merged, p.closedAt = "closed", true, s.now()
		p.announce("closed", p.author, nil)
		return nil
	})
}

// Reopen opens a closed pull request again and delivers pull_request.reopened.
func (p *PullRequest) Reopen() error {
	return p.change(func() error {
		p.state, p.closedAt = "open", time.Time{}
		if err := p.refresh(); err != nil {
			return err
		}
		p.announce("reopened", p.author, nil)
		return nil
	})
}

// MarkReady ends the draft and delivers pull_request.ready_for_review.
func (p *PullRequest) MarkReady() error {
	return p.change(func() error {
		p.draft = false
		p.announce("ready_for_review", p.author, nil)
		return nil
	})
}

// ConvertToDraft delivers pull_request.converted_to_draft.
func (p *PullRequest) ConvertToDraft() error {
	return p.change(func() error {
		p.draft = true
		p.announce("converted_to_draft", p.author, nil)
		return nil
	})
}

// Number is the pull request's number in its repository.
func (p *PullRequest) Number() int { return p.number }

// Repository is the repository it would be merged into.
func (p *PullRequest) Repository() *Repository { return p.repository }

// Head is the commit id of the head as of now.
func (p *PullRequest) Head() string {
	p.repository.server.mu.Lock()
	defer p.repository.server.mu.Unlock()
	return p.headSHA
}

// Base is the commit id of the base branch as GitHub last saw it.
func (p *PullRequest) Base() string {
	p.repository.server.mu.Lock()
	defer p.repository.server.mu.Unlock()
	return p.baseSHA
}

// MergeBase is the commit id the diff starts from.
func (p *PullRequest) MergeBase() string {
	p.repository.server.mu.Lock()
	defer p.repository.server.mu.Unlock()
	return p.mergeBase
}

// URL is the page of the pull request.
func (p *PullRequest) URL() string {
	return fmt.Sprintf("%s/%s/pull/%d", p.repository.server.URL(), p.repository.FullName(), p.number)
}
