// Package identity says which Patient resources may be of one person, and joins
// and parts them: the operations Patient/$match (R4 patient-operation-match.html),
// $merge and $unmerge. It works on a guarded repository, so nobody is told of a
// patient that he may not see.
//
// Only the qualified national identifier (INS), with traits that do not
// contradict it, makes a match certain (Référentiel INS; RNIV, volet 0). Names
// and dates give candidates for a person to look at, by the weights of weights.go;
// docs/interactions/match.md explains them. Nothing is ever merged without being
// asked for, and a merge moves nothing: the two records are linked (R4
// patient.html#links), their histories stay, and to unmerge is to take the links
// away.
//
// It is not a master patient index: it keeps nothing of its own.
package identity
