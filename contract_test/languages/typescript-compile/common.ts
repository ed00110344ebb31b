// What these clients share. Copy what you need.

/** Where the API is, https://{tenant_domain}/api/v1. */
export const url = process.env['TGO_BASE_URL']!;
export const headers = {'X-Api-Key': process.env['TGO_API_KEY']!};

/** A value as it is. It does not compile where a generator lost the type, so that the value is `any`. */
export const typed = <T>(value: T & (0 extends 1 & T ? never : unknown)): T => value;
