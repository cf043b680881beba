/** Version of this package; the test beside package.json's keeps the two equal. */
export const VERSION = "0.1.0";
