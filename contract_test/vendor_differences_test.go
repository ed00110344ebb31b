package contract_test

// vendorDifferences are the differences between the contract and the vendor's document that have a reason.
var vendorDifferences = []explanation{}
