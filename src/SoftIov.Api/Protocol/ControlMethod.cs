using System.Text.Json.Serialization.Metadata;

namespace SoftIov.Api;

/// <summary>Name and types of one method: what client and daemon agree on.</summary>
/// <param name="Name">Name on the wire.</param>
/// <param name="Request">JSON of its parameters.</param>
/// <param name="Result">JSON of its result.</param>
public sealed record ControlMethod<TRequest, TResult>(string Name, JsonTypeInfo<TRequest> Request, JsonTypeInfo<TResult> Result);
