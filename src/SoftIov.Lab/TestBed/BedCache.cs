namespace SoftIov.Lab.TestBed;

/// <summary>
/// The folder that keeps what the test bed made: <c>$SOFTIOV_CACHE</c>, else <c>~/.cache/softiov</c>. An entry is a file or folder
/// that appears whole, by a rename, or not at all; whoever makes entries holds the lock. Deleting the folder is always safe.
/// </summary>
internal sealed class BedCache : IDisposable
{
    private const string DraftSuffix = ".draft";

    private static readonly TimeSpan LockRetry = TimeSpan.FromMilliseconds(200);

    private readonly FileStream _lock;

    private BedCache(string folder, FileStream held)
    {
        Folder = folder;
        _lock = held;
    }

    /// <summary>Absolute path of the folder.</summary>
    public string Folder { get; }

    /// <summary>Where the cache is, whether it exists or not.</summary>
    public static string Location()
    {
        if (Environment.GetEnvironmentVariable("SOFTIOV_CACHE") is { Length: > 0 } named)
        {
            return Path.GetFullPath(named);
        }

        string? cacheHome = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        string home = Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } set ? set : "/root";
        return Path.Combine(string.IsNullOrEmpty(cacheHome) ? Path.Combine(home, ".cache") : cacheHome, "softiov");
    }

    /// <summary>Opens the cache for making entries, waiting for another process that does so now.</summary>
    public static async Task<BedCache> OpenAsync(IProgress<BedProgress> progress, CancellationToken cancellationToken)
    {
        string folder = Location();
        Directory.CreateDirectory(folder);
        bool told = false;
        while (true)
        {
            try
            {
                // FileShare.None is an flock: the kernel drops it with the process, however that ends.
                var held = new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                var cache = new BedCache(folder, held);
                cache.RemoveLeftOvers();
                return cache;
            }
            catch (IOException) when (File.Exists(Path.Combine(folder, "lock")))
            {
                if (!told)
                {
                    progress.Report(new BedProgress($"waits for another process that prepares {folder}"));
                    told = true;
                }

                await Task.Delay(LockRetry, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Path of an entry.</summary>
    public string PathOf(string entry) => Path.Combine(Folder, entry);

    /// <summary>A path for something unfinished, where nothing is; it is removed when the cache is opened next.</summary>
    public string NewDraft(string name)
    {
        string draft = PathOf(name + DraftSuffix);
        Delete(draft);
        return draft;
    }

    /// <summary>
    /// Returns the entry, made by <paramref name="make"/> (which is given a path to create as a file or folder) when it is not there.
    /// </summary>
    public async Task<string> GetOrMakeAsync(string entry, Func<string, Task> make)
    {
        string path = PathOf(entry);
        if (Path.Exists(path))
        {
            return path;
        }

        string draft = NewDraft(entry);
        await make(draft).ConfigureAwait(false);
        if (Directory.Exists(draft))
        {
            Directory.Move(draft, path);
        }
        else
        {
            File.Move(draft, path);
        }

        return path;
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private static void Delete(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
        else
        {
            File.Delete(path);
        }
    }

    private void RemoveLeftOvers()
    {
        foreach (string draft in Directory.GetFileSystemEntries(Folder, $"*{DraftSuffix}", SearchOption.TopDirectoryOnly))
        {
            Delete(draft);
        }
    }
}
