// Package ghtest is a fake GitHub: a server on a local port that an App's client
// cannot tell from an Enterprise Server in what lintel uses of it. Tests and
// `lintel demo` run against it.
//
// Modelled:
//   - repositories as real bare git repositories, served by git's own HTTP backend:
//     commits by id, partial clones, forks, refs/pull/N/head and /merge;
//   - pull requests: real three-dot diffs with three lines of context, synchronize on
//     every push to the head, force pushes, retargeting, drafts, deleted forks,
//     renamed repositories (301 and 307), the caps of 3,000 files, 250 commits and of
//     patches, 406 for large diffs as text;
//   - reviews and comments: all or nothing, 422 with GitHub's words for an anchor off
//     the diff, comments on whole files, answers, re-anchoring and outdated comments
//     after a push, reactions with 200 and 201, bodies of at most 65,536 characters;
//   - check runs: appended annotations, bounds, the newest run of each name, the rule
//     a branch protection applies, runs of other Apps;
//   - the App: JSON web tokens as GitHub checks them, installation tokens that expire
//     and can be narrowed, suspension, removal, a permission for every operation;
//   - pages with Link headers, ETag and 304, primary and secondary rate limits;
//   - GraphQL for review threads and minimised comments, executed from the document;
//   - webhooks: signed deliveries with a deadline of ten seconds, a log, redelivery
//     under the same id, held, reordered and repeated deliveries;
//   - faults on demand: errors before and after a write, hangs, cut connections;
//   - the page of a pull request, for whoever looks at the demo in a browser.
//
// Every REST request and every answer of the fake is held against GitHub's own
// description; an answer that breaks it is sent as 500 and listed by Violations. A
// request for something that is not modelled is answered 501 and listed too.
//
// Where GitHub documents nothing, the fake takes the side that is harder on its
// client: an App may not edit comments that are not its own; a review's comment list
// has no lines; a file whose patch is too large takes no comment on a line.
//
// Not modelled: people's tokens, teams, branch protection rules and rulesets, merge
// queues, check suites of their own, commit statuses, tarballs, code scanning, and
// events other than pull_request, issue_comment, pull_request_review_comment and
// check_run (Deliver sends any other payload that a test builds).
package ghtest
