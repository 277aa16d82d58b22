using System.Text.Json;
using System.Text.Json.Serialization;

namespace SoftIov.Api;

/// <summary>
/// JSON of something that each personality has members of its own in: the member <c>personality</c> says which, and without it it is net.
/// </summary>
internal abstract class PersonalityConverter<TBase>(params (Personality Personality, Type Type)[] types) : JsonConverter<TBase>
    where TBase : class
{
    private const string Member = "personality";

    /// <inheritdoc/>
    public override TBase Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        JsonElement element = JsonElement.ParseValue(ref reader);
        if (element.ValueKind != JsonValueKind.Object)
            throw new JsonException($"a {typeof(TBase).Name} is an object");
        Personality personality = element.TryGetProperty(Member, out JsonElement word)
            ? word.Deserialize(ControlJson.Default.Personality)
            : Personality.Net;
        return (TBase)element.Deserialize(options.GetTypeInfo(TypeOf(personality)))!;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TBase value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value, options.GetTypeInfo(value.GetType()));

    private Type TypeOf(Personality personality)
    {
        foreach ((Personality known, Type type) in types)
        {
            if (known == personality)
                return type;
        }

        throw new JsonException($"there is no {typeof(TBase).Name} of personality {personality}");
    }
}
