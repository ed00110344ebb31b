// The address and the key, which these clients share. Copy what you need.

/** The address of the API, https://{tenant_domain}/api/v1. */
export const url = process.env['TGO_BASE_URL']!;
export const headers = {'X-Api-Key': process.env['TGO_API_KEY']!};

/** Returns its argument. A call does not compile if the argument has the type `any`, which means that a generator lost the type. */
export const typed = <T>(value: T & (0 extends 1 & T ? never : unknown)): T => value;
