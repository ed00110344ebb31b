package laravel_test

var differences = []explanation{}
