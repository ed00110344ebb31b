package postgrestest

import "syscall"

// endWithParent has the kernel stop the server when the test dies, however it does.
func endWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGQUIT }
