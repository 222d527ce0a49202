package org.json;

public class JSONObject {
    public native JSONObject put(String name, Object value) throws JSONException;
}
