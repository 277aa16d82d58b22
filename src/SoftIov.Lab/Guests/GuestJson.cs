using System.Text.Json;
using System.Text.Json.Serialization;

namespace SoftIov.Lab.Guests;

/// <summary>JSON between the demo and its guests with built-in drivers.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(GuestRequest))]
[JsonSerializable(typeof(GuestReply))]
internal sealed partial class GuestJson : JsonSerializerContext;
