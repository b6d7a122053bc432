/** How a saved run says what it is. */
export const RUN_FILE_TYPE = "bardeck-run";
export const RUN_FILE_VERSION = 1;
