-- Sends requests of a file in random order: one a line, `authorization <tab> path <tab> body`.
-- @KEY@ becomes a word that no other request has; an empty body means GET.
local lines, seed, count = {}, os.getenv("BENCH_SEED"), 0
function init()
  for line in io.lines(os.getenv("BENCH_REQUESTS")) do
    local token, path, body = line:match("([^\t]*)\t([^\t]*)\t(.*)")
    local headers = { ["Content-Type"] = "application/json" }
    if token ~= "" then headers["Authorization"] = token end
    lines[#lines + 1] = { body == "" and "GET" or "POST", path, headers, body, body:find("@KEY@", 1, true) ~= nil }
  end
  math.randomseed(tonumber(seed))
end
function request()
  local each = lines[math.random(#lines)]
  local body = each[4]
  if each[5] then
    body = body:gsub("@KEY@", function() count = count + 1; return seed .. "-" .. count end)
  end
  return wrk.format(each[1], each[2], each[3], body ~= "" and body or nil)
end
