/** Of the API, not of the package. */
export const API_VERSION = '1.0';
