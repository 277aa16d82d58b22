using SoftIov.Api;

namespace SoftIov.Daemon.Personalities;

/// <summary>Namespaces that are wanted, in words.</summary>
internal static class NamespaceText
{
    /// <summary>As <c>10GiB for VF 0</c>.</summary>
    public static string Of(NamespaceSpec one) =>
        $"{(one.Size is { } size ? ByteSize.Show(size) : "an equal share")}{(one.Shared ? " shared" : "")} for {Functions(one)}";

    /// <summary>As <c>the PF, VF 0, VF 1</c>.</summary>
    public static string Functions(NamespaceSpec one)
    {
        string functions = string.Join(", ", one.Vfs.Select(vf => $"VF {vf}"));
        return (one.Pf, functions.Length > 0) switch
        {
            (true, true) => $"the PF, {functions}",
            (true, false) => "the PF",
            (false, true) => functions,
            _ => "nobody",
        };
    }
}
