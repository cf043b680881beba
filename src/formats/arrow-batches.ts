export async function arrowBatchBytes(_path: string): Promise<number[]> { return []; }
