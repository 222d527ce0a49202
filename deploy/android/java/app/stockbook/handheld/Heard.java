package app.stockbook.handheld;

/** What Python implements to be told of a code; called on a thread that is not the screen's. */
public interface Heard {
    /**
     * @param source the broadcast's action, or "camera"
     * @param extras the broadcast's texts as a JSON object, or {"code": ..., "symbology": ...} of the camera
     */
    void heard(String source, String extras);
}
