using System.Text;

namespace SoftIov.Lab.TestBed;

/// <summary>
/// Picks kernel modules and all they depend on out of a module tree. Dependencies come from the modules themselves ("depends=" in
/// .modinfo): trees unpacked from packages have no modules.dep, which an installation would make.
/// </summary>
internal sealed class ModuleSet
{
    private readonly string _target;
    private readonly Decompressor _decompressor;
    private readonly Dictionary<string, string> _files = [];
    private readonly HashSet<string> _added = [];
    private readonly List<string> _order = [];

    /// <summary>Reads the tree at <paramref name="modules"/>; what is added is written to the folder <paramref name="target"/>.</summary>
    public ModuleSet(string modules, string target, Decompressor decompressor)
    {
        _target = target;
        _decompressor = decompressor;
        foreach (string file in Directory.EnumerateFiles(modules, "*.ko*", SearchOption.AllDirectories))
        {
            _files.TryAdd(NameOf(file), file);
        }
    }

    /// <summary>File names added so far, each after those it depends on.</summary>
    public IReadOnlyList<string> Order => _order;

    /// <summary>Adds a module after its dependencies; one that is not in the tree is built in, or this kernel lacks it.</summary>
    public async Task AddAsync(string name, CancellationToken cancellationToken)
    {
        string canonical = name.Replace('-', '_');
        if (!_files.TryGetValue(canonical, out string? file) || !_added.Add(canonical))
        {
            return;
        }

        string plainName = $"{canonical}.ko";
        string plain = Path.Combine(_target, plainName);
        await _decompressor.ToFileAsync(file, plain, cancellationToken).ConfigureAwait(false);
        byte[] content = await File.ReadAllBytesAsync(plain, cancellationToken).ConfigureAwait(false);
        foreach (string dependency in DependenciesOf(content))
        {
            await AddAsync(dependency, cancellationToken).ConfigureAwait(false);
        }

        _order.Add(plainName);
    }

    /// <summary>Names in the "depends=" string of a module's .modinfo.</summary>
    internal static string[] DependenciesOf(ReadOnlySpan<byte> module)
    {
        ReadOnlySpan<byte> key = "\0depends="u8;
        int start = module.IndexOf(key);
        if (start < 0)
        {
            return [];
        }

        ReadOnlySpan<byte> value = module[(start + key.Length)..];
        value = value[..Math.Max(0, value.IndexOf((byte)0))];
        return Encoding.ASCII.GetString(value).Split(',', StringSplitOptions.RemoveEmptyEntries);
    }

    private static string NameOf(string file)
    {
        string name = Path.GetFileName(file);
        return name[..name.IndexOf(".ko", StringComparison.Ordinal)].Replace('-', '_');
    }
}
