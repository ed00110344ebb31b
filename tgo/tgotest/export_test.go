package tgotest

// FaultKinds is how many kinds of faults there are, which is one more than the last of them.
const FaultKinds = FaultKind(len(faultKinds))
