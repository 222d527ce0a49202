package app.stockbook.handheld;

/** What Python implements to be told of a code or a picture; called on a thread that is not the screen's. */
public interface Heard {
    /**
     * @param source the broadcast's action, "camera", or what `Photographer` tells
     * @param extras the broadcast's texts as a JSON object, {"code": ..., "symbology": ...} of the camera, or a picture
     */
    void heard(String source, String extras);
}
