package reviewer

import (
	"context"
	"slices"

	"github.com/lintel-bot/lintel/internal/queue"
	"github.com/lintel-bot/lintel/internal/review"
)

// complete ends the check run. A check belongs to a commit: when other open
// pull requests have the same head, it says the worst of what they deserve.
//
// The order matters. Our own verdict is written before the others are read, and
// they are read again after the check run was completed: of two reviews that
// end at the same time at least one sees the other.
func (r *run) complete(ctx context.Context, check review.Check) error {
	deserved := check.Conclusion
	if err := r.record(ctx, deserved, ""); err != nil {
		return err
	}
	numbers, err := r.repo.PullRequestsWithHead(ctx, r.pull.Head)
	if err != nil {
		return err
	}
	others, err := r.otherVerdicts(ctx, numbers)
	if err != nil {
		return err
	}
	if len(others) > 0 {
		check = review.WorstOf(check, others)
	}
	err = r.write(ctx, func(ctx context.Context) error { return r.repo.CompleteCheck(ctx, r.check, check) })
	if err != nil {
		return err
	}
	if err := r.record(ctx, deserved, check.Conclusion); err != nil {
		return err
	}
	return r.alignHead(ctx, r.pull.Head, numbers)
}

// otherVerdicts returns what the other open pull requests with this head
// deserve. One that was not judged yet holds the check back: a commit is not
// green before every pull request it belongs to was looked at.
func (r *run) otherVerdicts(ctx context.Context, numbers []int) ([]review.Other, error) {
	if !slices.ContainsFunc(numbers, func(n int) bool { return n != r.lease.Number }) {
		return nil, nil
	}
	verdicts, err := r.Store.Verdicts(ctx, r.lease.RepositoryID, r.pull.Head)
	if err != nil {
		return nil, err
	}
	var others []review.Other
	for _, n := range numbers {
		if n == r.lease.Number {
			continue
		}
		other := review.Other{Number: n}
		if i := indexOf(verdicts, n); i >= 0 {
			other.Conclusion = review.Conclusion(verdicts[i].Conclusion)
		} else if err := r.enqueue(ctx, n, r.pull.Head); err != nil {
			return nil, err
		}
		others = append(others, other)
	}
	return others, nil
}

// alignHead asks for another review of every pull request whose check on head
// says something else than the worst of all of them. While one of them is not
// judged there is no worst yet: the last one to be judged comes through here.
func (r *run) alignHead(ctx context.Context, head string, numbers []int) error {
	verdicts, err := r.Store.Verdicts(ctx, r.lease.RepositoryID, head)
	if err != nil {
		return err
	}
	var worst review.Conclusion
	open := verdicts[:0:0]
	for _, n := range numbers {
		i := indexOf(verdicts, n)
		if i < 0 || verdicts[i].Conclusion == "" {
			return nil
		}
		open = append(open, verdicts[i])
		if c := review.Conclusion(verdicts[i].Conclusion); c.Worse(worst) {
			worst = c
		}
	}
	for _, v := range open {
		if v.Published == "" || v.Published == string(worst) {
			continue
		}
		r.log.Info("a pull request with the same head is reviewed again", "other", v.Number)
		if err := r.enqueue(ctx, v.Number, head); err != nil {
			return err
		}
	}
	return nil
}

// settle does what follows a completed check run, for a retry after a crash
// that came just after it.
func (r *run) settle(ctx context.Context) error {
	own, found, err := r.Store.Verdict(ctx, r.lease.RepositoryID, r.lease.Number)
	if err != nil {
		return err
	}
	if !found || own.Run != r.lease.Run || own.Conclusion == "" {
		// It was completed as superseded, and then the pull request came back
		// to what it was: nothing has been judged.
		return r.again(ctx, r.pull)
	}
	numbers, err := r.repo.PullRequestsWithHead(ctx, r.pull.Head)
	if err != nil {
		return err
	}
	if own.Published == "" {
		if len(numbers) > 1 {
			// What was published is not known any more, and it may have been
			// held back by another pull request: judge once more.
			return r.again(ctx, r.pull)
		}
		own.Published = own.Conclusion
		if err := r.Store.RecordVerdict(ctx, own); err != nil {
			return err
		}
	}
	return r.alignHead(ctx, r.pull.Head, numbers)
}

// enqueue wants a review of an open pull request.
func (r *run) enqueue(ctx context.Context, number int, head string) error {
	return r.want(ctx, queue.Want{
		Key:        queue.Key{RepositoryID: r.lease.RepositoryID, Number: number},
		Repository: r.lease.Repository, Head: head,
	})
}

func (r *run) want(ctx context.Context, w queue.Want) error {
	if err := r.Store.Enqueue(ctx, r.lease.InstallationID, w); err != nil {
		return err
	}
	r.Wake()
	return nil
}

func indexOf(verdicts []queue.Verdict, number int) int {
	return slices.IndexFunc(verdicts, func(v queue.Verdict) bool { return v.Number == number })
}
