// Package territory measures what a view costs over very many patients: the
// real decision point and guard over the real store on Badger, without HTTP and
// without a trail on disk. It is all test and benchmark.
//
// A territory is so many patients, each with a CareTeam and an active CarePlan
// in the order in which they were brought in, over the hundred days before its
// noon. Every CareTeam has the practice of its patient as a member, and besides some
// of these:
//
//	Organization/all    sees every patient
//	Organization/half   every second
//	Organization/many   one of ten
//	Organization/few    one of a thousand, far apart
//	Organization/none   nobody
//
//	go test ./cmd/cordee/gateway/territory -run '^$' -bench . -args -patients 100000
//
// -data keeps the territory in a folder and finds it again there.
package territory
