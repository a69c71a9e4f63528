// Package worker reads hostile content in processes that have nothing to lose.
// A pool hands files to workers: this program executed again, with an empty
// environment, resource limits, and pipes as its only way out. A file that
// kills or stalls its worker costs that file only.
package worker
