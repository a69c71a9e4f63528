// Package architecture holds no code, only the tests that keep the packages in
// the shape the design gives them: who may import whom, no registration at
// start, no package state that changes.
package architecture
