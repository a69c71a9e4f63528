// Package analysis judges the content of a repository: what a change adds
// against its merge base, or everything a commit holds. The content itself is
// read in worker processes; this package decides what to read, hands it to
// them, and compares what they find.
package analysis
