// What is asked again before its answer has come, such as the day of a dialog: answers may arrive in any order.

/**
 * A way to wait for answers, of which only that to the newest question counts.
 * @returns {<T>(answer: Promise<T>) => Promise<T | null>} null (and no error) where something else was asked meanwhile
 */
export function newestOnly() {
  let newest = 0;
  return async (answer) => {
    const mine = ++newest;
    try {
      const found = await answer;
      return mine === newest ? found : null;
    } catch (error) {
      if (mine === newest) throw error;
      return null;
    }
  };
}
