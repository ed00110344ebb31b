package contract_test

func writeRecording(name string, on *target) error { return nil }
